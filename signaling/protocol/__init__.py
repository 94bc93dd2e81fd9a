"""What goes over the wire: message types, their JSON, and the documents generated from them."""
