"""What a regimen is predicted to do, said elsewhere: sentences, a document, a table, charts. All of it is modelled."""
