"""Exports: a case taken out of Bluelamp as a bag that anybody can check without Bluelamp, AWS or the force."""
