from . import authority_decision
from . import authority_simulation
from . import authority_simulation_line
from . import receivable_ageing_wizard
from . import sales_contract_end
from . import stock_age_wizard
from . import sale_advance_payment_inv
