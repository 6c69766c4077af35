"""What `make bench` measures: ratios against a floor of the same run, never bare numbers of one machine."""
