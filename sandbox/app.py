"""The application: two platforms and their control, over one world."""

from flask import Flask, Response, jsonify, request

from sandbox import graph_errors, x_errors
from sandbox.api import Guard, platform_of
from sandbox.consent import Consent
from sandbox.control import Control
from sandbox.graph import Graph
from sandbox.media import PREFIX, Media
from sandbox.world import World
from sandbox.x_api import XApi


def create_app(world: World) -> Flask:
    """Return the WSGI application over ``world``."""
    app = Flask("sandbox", static_folder=None)
    Guard(world, {"facebook": graph_errors.refuse, "x": x_errors.refuse}).install(app)
    app.register_blueprint(Graph(world).blueprint(), url_prefix="/graph")
    app.register_blueprint(XApi(world).blueprint(), url_prefix="/x/2")
    app.register_blueprint(Consent(world).blueprint())
    app.register_blueprint(Control(world).blueprint(), url_prefix="/_control")
    app.register_blueprint(Media(world).blueprint(), url_prefix=PREFIX)
    app.register_error_handler(404, _unknown)
    app.register_error_handler(405, _unknown)
    return app


def _unknown(error: Exception) -> tuple[Response, int] | Response:
    del error
    platform = platform_of(request.path)
    if platform == "facebook":
        return graph_errors.GraphError(2500, "Unknown path components: " + request.path).answer()
    if platform == "x":
        return x_errors.XError(404, f"No endpoint {request.method} {request.path}").answer()
    return jsonify({"error": f"no control endpoint {request.method} {request.path}"}), 404
