"""Own forms: questionnaires of organisers, and the answers to them."""
