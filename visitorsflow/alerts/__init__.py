"""Messages for the phones, whatever channel delivers them."""
