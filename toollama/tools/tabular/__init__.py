"""Tables from files: typed columns, exact sums, and what a question says about them."""
