"""What tests of the clinic share: settings, people, and browsers that are logged in."""
