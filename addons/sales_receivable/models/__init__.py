from . import business_rule
from . import business_rule_mode
