from . import receivable_ageing_report
from . import sales_contract_ledger
from . import sale_margin_report
from . import sales_target_report
from . import sales_capability_report
