"""What keeps a clinic's record from being lost or changed unseen: heads, audits, copies and moves."""
