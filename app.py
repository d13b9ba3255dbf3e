"""leansplit's Lambdas: the blueprints of chalicelib/web."""

from chalice.app import Chalice

from chalicelib.web.admin import admin
from chalicelib.web.asides import aside_admin
from chalicelib.web.cors import share_with_origins
from chalicelib.web.goals import goals
from chalicelib.web.jobs import jobs
from chalicelib.web.origin import only_through_the_front
from chalicelib.web.people import people
from chalicelib.web.pixels import pixels
from chalicelib.web.public import public
from chalicelib.web.responses import PIXEL_TYPE, accept_pixel
from chalicelib.web.server import server
from chalicelib.web.trackers import tracker_admin
from chalicelib.web.tracking import tracking

app = Chalice(app_name="leansplit")
app.api.binary_types = [PIXEL_TYPE]
app.register_middleware(accept_pixel, "http")
app.register_middleware(only_through_the_front, "http")
app.register_middleware(share_with_origins, "http")
app.register_blueprint(public)
app.register_blueprint(pixels)
app.register_blueprint(server)
app.register_blueprint(people)
app.register_blueprint(tracking)
app.register_blueprint(admin)
app.register_blueprint(goals)
app.register_blueprint(tracker_admin)
app.register_blueprint(aside_admin)
app.register_blueprint(jobs)
