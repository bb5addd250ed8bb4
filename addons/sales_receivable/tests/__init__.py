from . import test_authority_access
from . import test_authority_decisions
from . import test_authority_engine
from . import test_authority_gates
from . import test_authority_payment
from . import test_authority_performance
from . import test_authority_tour
from . import test_business_rule_mode
from . import test_price_floor

from . import test_collected
from . import test_ledger_access
from . import test_ledger_files
from . import test_ledger_tour
from . import test_open_items
from . import test_performance
from . import test_receivable_ageing
from . import test_stock_age
