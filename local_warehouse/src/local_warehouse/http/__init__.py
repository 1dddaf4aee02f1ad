"""The HTTP ports: the front end redirects loads, the back end takes them."""
