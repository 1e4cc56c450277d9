"""What a share is measured against: kit that is useful, and kit that only dilutes."""
