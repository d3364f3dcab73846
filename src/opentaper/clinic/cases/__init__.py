"""Cases: their events kept, the verbs of care carried out, and the thinnest pages for them."""
