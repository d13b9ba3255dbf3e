"""leansplit's Lambdas: the blueprints of chalicelib/web."""

from chalice.app import Chalice

from chalicelib.web.admin import admin
from chalicelib.web.jobs import jobs
from chalicelib.web.public import public
from chalicelib.web.responses import PIXEL_TYPE, accept_pixel
from chalicelib.web.server import server

app = Chalice(app_name="leansplit")
app.api.binary_types = [PIXEL_TYPE]
app.register_middleware(accept_pixel, "http")
app.register_blueprint(public)
app.register_blueprint(server)
app.register_blueprint(admin)
app.register_blueprint(jobs)
