"""The second stage of event time: what two subjects do, judged as strictly as what one does."""
