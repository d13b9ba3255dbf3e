"""leansplit's Lambdas: the blueprints of chalicelib/web."""

from chalicelib.web.admin.experiments import experiments
from chalicelib.web.admin.goals import goals
from chalicelib.web.admin.reports import reports
from chalicelib.web.admin.set_aside import aside_admin
from chalicelib.web.admin.trackers import tracker_admin
from chalicelib.web.browser.routes import public
from chalicelib.web.http.application import Application
from chalicelib.web.http.cors import share_with_origins
from chalicelib.web.http.origin import only_through_the_front
from chalicelib.web.http.responses import PIXEL_TYPE, accept_pixel
from chalicelib.web.jobs import jobs
from chalicelib.web.server.erasure import people
from chalicelib.web.server.pixel_addresses import pixels
from chalicelib.web.server.routes import server
from chalicelib.web.tracking.routes import tracking

app = Application(app_name="leansplit")
app.api.binary_types = [PIXEL_TYPE]
app.register_middleware(accept_pixel, "http")
app.register_middleware(only_through_the_front, "http")
app.register_middleware(share_with_origins, "http")
app.register_blueprint(public)
app.register_blueprint(pixels)
app.register_blueprint(server)
app.register_blueprint(people)
app.register_blueprint(tracking)
app.register_blueprint(experiments)
app.register_blueprint(goals)
app.register_blueprint(reports)
app.register_blueprint(tracker_admin)
app.register_blueprint(aside_admin)
app.register_blueprint(jobs)
