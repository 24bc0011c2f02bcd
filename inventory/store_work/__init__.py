"""Work for people in a store: bring goods to the floor, count what is in doubt; later evidence says if it was done."""
