from . import sales_visit_reason_wizard
from . import sales_grade_wizard
from . import sales_handover_wizard
from . import sales_sweep_wizard
from . import sales_sweep_line
from . import sales_project_back_wizard
from . import base_partner_merge
