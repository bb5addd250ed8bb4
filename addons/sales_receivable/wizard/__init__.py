from . import authority_decision
