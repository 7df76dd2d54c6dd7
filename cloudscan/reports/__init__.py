"""The report formats: one file, one format. They print what an analysis came to and judge nothing."""
