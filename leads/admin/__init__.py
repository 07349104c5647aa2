"""The admin of leads, a file a subject."""

from leads.admin.leads import LeadAdmin

__all__ = ["LeadAdmin"]
