"""The tables of leads, a file a subject."""

from leads.models.deliveries import Delivery, DeliveryAttempt, Endpoint, EndpointQuerySet, new_secret
from leads.models.erasures import Erasure
from leads.models.exports import Export
from leads.models.extractions import Extraction
from leads.models.leads import MAX_VALUE, Lead, LeadChange, LeadQuerySet, LeadValue

__all__ = [
    "MAX_VALUE",
    "Delivery",
    "DeliveryAttempt",
    "Endpoint",
    "EndpointQuerySet",
    "Erasure",
    "Export",
    "Extraction",
    "Lead",
    "LeadChange",
    "LeadQuerySet",
    "LeadValue",
    "new_secret",
]
