"""Argon2 as the clinic has it, with as little work as it allows."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Cheap(Argon2PasswordHasher):
    """The same hash, made fast: tests make many people."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
