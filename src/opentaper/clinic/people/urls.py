"""Where each page of this app is, and who may open it. allauth's views keep the names that allauth asks for."""

from functools import partial

from allauth.account import views as account
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.i18n import set_language

from opentaper.clinic.people.allowed import allowed, own, public
from opentaper.clinic.people.views import home, passkey, password, people

enrolling = partial(own, unenrolled=True)
manage = allowed("manage-people")

urlpatterns = [
    path("", own(home.begin), name="begin"),
    path("me/", own(home.home), name="home"),
    path("language/", public(set_language), name="language"),
    path("log-in/", public(account.login), name="account_login"),
    path("log-in/code/", public(factors.authenticate), name="mfa_authenticate"),
    path("log-in/passkey/", public(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("log-out/", public(account.logout), name="account_logout"),
    path("password/<uidb64>/<token>/", public(password.set_password), name="set-password"),
    path("again/", enrolling(account.reauthenticate), name="account_reauthenticate"),
    path("again/code/", own(factors.reauthenticate), name="mfa_reauthenticate"),
    path("again/passkey/", own(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("account/password/", own(account.password_change), name="account_change_password"),
    path("account/", own(factors.index), name="mfa_index"),
    path("account/enrol/", enrolling(home.enrol), name="enrol"),
    path("account/app/", enrolling(totp.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/codes/", own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("account/codes/new/", own(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/passkeys/", own(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("account/passkeys/add/", enrolling(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/<int:pk>/", own(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", own(passkey.remove), name="mfa_remove_webauthn"),
    path("people/", manage(people.people), name="people"),
    path("people/add/", manage(people.add), name="add-person"),
    path("people/<uuid:person>/role/", manage(people.change_role), name="change-role"),
    path("people/<uuid:person>/disable/", manage(people.disable), name="disable-person"),
    path("people/<uuid:person>/enable/", manage(people.enable), name="enable-person"),
    path("people/<uuid:person>/link/", manage(people.new_link), name="new-link"),
    path("access/", allowed("see-access")(people.access), name="access"),
]
