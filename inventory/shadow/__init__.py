"""A second policy decides on the same stream without being heard: what would each have earned?"""
