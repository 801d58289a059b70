"""Background work: the table of jobs and the thread that runs them."""
