from . import test_authority_engine
from . import test_authority_gates
from . import test_price_floor
