"""Cases: their events kept, the verbs of care carried out, and the pages for them."""
