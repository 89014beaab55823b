"""The sequencer under fire: kills, interleavings, flipped bits, deletions and forgeries, decided by a seed and counted.

``python -m tests.faults`` (``make faults``) runs all of it; ``test_faults.py`` runs a few seeds of each.
"""
