"""What is wrong with a pack: its form, its references, its sense; and what is doubtful in it."""
