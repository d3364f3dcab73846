"""Words of closed lists of the record, as a page says them: `{{ followed.progress.value|called }}`."""

from __future__ import annotations

from django import template

from opentaper.clinic.cases.called import called

register = template.Library()
register.filter("called", called)
