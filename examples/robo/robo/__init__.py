"""A robo-adviser's back end, as small as can be."""
