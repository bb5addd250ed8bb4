from . import receivable_ageing_report
