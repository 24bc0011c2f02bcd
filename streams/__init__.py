"""Faust plumbing: the app, the batched transport, checkpoints, the embedded broker.

Everything here is about moving bytes safely between Kafka and the agents;
nothing here knows what a sale is.
"""
