"""The panes and bars of the main screen: each is drawn from one fold and owns no state of a run."""
