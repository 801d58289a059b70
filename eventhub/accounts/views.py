"""Pages to sign in and out."""

from __future__ import annotations

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from eventhub.accounts import openid, passkeys, queries, service
from eventhub.accounts.browsers import browser_name
from eventhub.accounts.forms import AccountForm, CodeForm, PasskeyForm, SignInForm
from eventhub.accounts.models import SignInLink
from eventhub.accounts.sessions import (
    LINK,
    browser_cookie,
    close_session,
    forget_browser,
    new_browser,
    new_challenge,
    open_session,
    remember_browser,
    spent_challenge,
)
from eventhub.database import transaction
from eventhub.errors import RuleBroken
from eventhub.web.languages import gettext as _
from eventhub.web.limits import limit
from eventhub.web.links import path_to
from eventhub.web.security import safe_target, secret_address

pages = Blueprint("accounts", __name__, url_prefix="/manage")


@pages.before_request
def _keep_address() -> None:
    secret_address()


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for an address; the answer is the same whether it is known or not."""
    form = SignInForm()
    if request.method == "GET":
        form.target.data = safe_target(request.args.get("next"), service.HOME)
        if current_user.is_authenticated:
            return redirect(form.target.data)
    if not form.validate_on_submit():
        return ask_how(form), 422 if form.errors else 200
    limit("sign-in", times=10, per_seconds=600)
    browser = browser_cookie() or new_browser()
    with transaction():
        service.request_link(form.email.data, browser, form.target.data or "")
    answer = make_response(redirect(path_to("accounts.sent"), 303))
    remember_browser(answer, browser)
    return answer


def ask_how(form: SignInForm) -> str:
    """Return the page that offers every way in that there is here."""
    options = passkeys.request_options(new_challenge()) if passkeys.are_available() else ""
    passkey = PasskeyForm(formdata=None)
    return render_template(
        "accounts/sign_in.html", form=form, passkey=passkey, options=options, provider=openid.provider_name()
    )


@pages.post("/sign-in/passkey")
def use_passkey() -> ResponseReturnValue:
    """Sign in with a passkey."""
    limit("sign-in passkey", times=20, per_seconds=600)
    form, ask = PasskeyForm(), SignInForm(formdata=None)
    if not passkeys.are_available() or not form.validate_on_submit():
        abort(400)
    try:
        with transaction():
            user = passkeys.proven(form.answer.data, spent_challenge())
            link = service.session_for(user, browser_name(request.user_agent.string))
    except RuleBroken as broken:
        ask.refuse(broken)
        return ask_how(ask), 422
    open_session(user, link)
    return redirect(safe_target(request.form.get("next"), service.HOME), 303)


@pages.post("/account/passkeys")
@login_required  # type: ignore[untyped-decorator]
def add_passkey() -> ResponseReturnValue:
    """Keep the public half of a passkey that the browser made."""
    form = PasskeyForm()
    if not passkeys.are_available() or not form.validate_on_submit():
        abort(400)
    with transaction():
        name = browser_name(request.user_agent.string)
        passkeys.keep(current_user, form.answer.data, spent_challenge(), name)
    flash(_("The passkey is kept and opens this account from now on."), "ok")
    return redirect(path_to("accounts.account"), 303)


@pages.post("/account/passkeys/<int:key>/remove")
@login_required  # type: ignore[untyped-decorator]
def remove_passkey(key: int) -> ResponseReturnValue:
    """Forget a passkey."""
    with transaction():
        if not passkeys.remove(current_user, key):
            abort(404)
    flash(_("The passkey is removed."), "ok")
    return redirect(path_to("accounts.account"), 303)


@pages.post("/account/openid/<int:key>/remove")
@login_required  # type: ignore[untyped-decorator]
def forget_identity(key: int) -> ResponseReturnValue:
    """Forget who somebody is at an OpenID provider."""
    with transaction():
        if not openid.forget(current_user, key):
            abort(404)
    flash(_("The link is removed."), "ok")
    return redirect(path_to("accounts.account"), 303)


@pages.get("/sign-in/sent")
def sent() -> ResponseReturnValue:
    """Say where to look, and take a code from another browser."""
    return render_template("accounts/sent.html", form=CodeForm())


@pages.get("/sign-in/code")
def ask_for_code() -> ResponseReturnValue:
    """Lead back to the form who reloads the page after a wrong code."""
    return redirect(path_to("accounts.sent"))


@pages.post("/sign-in/code")
def code() -> ResponseReturnValue:
    """Sign in with the code that another browser showed for a link of this one."""
    limit("sign-in code", times=20, per_seconds=600)
    form = CodeForm()
    if form.validate_on_submit():
        with transaction():
            link = service.use_code(browser_cookie() or new_browser(), form.code.data)
        if link is not None:
            return _enter(link)
        form.code.errors = [_("This code does not fit. After five tries ask for a new link.")]
    return render_template("accounts/sent.html", form=form), 422


@pages.get("/sign-in/<token>")
def follow(token: str) -> ResponseReturnValue:
    """Show a button in the browser that asked, a code in any other; a look alone changes nothing."""
    link = queries.usable_link(token)
    if link is None:
        return _unusable()
    if not service.belongs_to(link, browser_cookie()):
        return render_template("accounts/other_browser.html", code=service.code_of(link))
    return render_template("accounts/enter.html", token=token, email=link.email)


@pages.post("/sign-in/<token>")
def enter(token: str) -> ResponseReturnValue:
    """Sign in with the link."""
    link = queries.usable_link(token)
    if link is None:
        return _unusable()
    if not service.belongs_to(link, browser_cookie()):
        return redirect(path_to("accounts.follow", token=token), 303)
    return _enter(link)


@pages.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with transaction():
        service.end_session(session.get(LINK))
    close_session()
    flash(_("You are signed out."), "ok")
    return redirect(path_to("accounts.sign_in"), 303)


@pages.post("/sign-out-everywhere")
@login_required  # type: ignore[untyped-decorator]
def sign_out_everywhere() -> ResponseReturnValue:
    """End all sessions of this user."""
    with transaction():
        service.end_all_sessions(current_user)
    close_session()
    flash(_("You are signed out in all browsers."), "ok")
    return redirect(path_to("accounts.sign_in"), 303)


@pages.route("/account", methods=["GET", "POST"])
@login_required  # type: ignore[untyped-decorator]
def account() -> ResponseReturnValue:
    """Show and change what is known about oneself."""
    form = AccountForm(obj=current_user)
    if not form.validate_on_submit():
        page = render_template(
            "accounts/account.html",
            form=form,
            sessions=queries.sessions_of(current_user),
            own_session=session.get(LINK),
            passkeys=passkeys.passkeys_of(current_user),
            passkey=PasskeyForm(formdata=None),
            options=_creation_options(),
            provider=openid.provider_name(),
            identities=openid.identities_of(current_user),
            zone=current_app.config["SETTINGS"].default_timezone,
        )
        return page, 422 if form.errors else 200
    with transaction():
        form.populate_obj(current_user)
    flash(_("Saved."), "ok")
    return redirect(path_to("accounts.account"), 303)


@pages.post("/account/sessions/<int:key>/end")
@login_required  # type: ignore[untyped-decorator]
def end_session(key: int) -> ResponseReturnValue:
    """Sign out in one browser."""
    if key not in {one.id for one in queries.sessions_of(current_user)}:
        abort(404)
    with transaction():
        service.end_session(key)
    flash(_("That browser is signed out."), "ok")
    return redirect(path_to("accounts.account"), 303)


def _creation_options() -> str:
    return passkeys.creation_options(current_user, new_challenge()) if passkeys.are_available() else ""


def _enter(link: SignInLink) -> ResponseReturnValue:
    try:
        with transaction():
            user = service.use(link, browser_name(request.user_agent.string))
    except RuleBroken:
        return _unusable()
    open_session(user, link)
    answer = make_response(redirect(safe_target(link.target, service.HOME), 303))
    forget_browser(answer)
    return answer


def _unusable() -> ResponseReturnValue:
    return render_template("accounts/unusable.html", form=SignInForm(formdata=None)), 410
