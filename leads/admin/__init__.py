"""The admin of leads, a file a subject."""

from leads.admin.deliveries import DeliveryAdmin
from leads.admin.endpoints import EndpointAdmin
from leads.admin.leads import LeadAdmin
from leads.admin.privacy import ErasureAdmin

__all__ = ["DeliveryAdmin", "EndpointAdmin", "ErasureAdmin", "LeadAdmin"]
