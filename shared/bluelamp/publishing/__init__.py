"""Publishing: drafts, approval, the hour, the sending to each account, and what is out there afterwards."""
