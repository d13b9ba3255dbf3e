"""Register the blueprints; nothing else."""

from chalice import Chalice

from chalicelib.web.jobs import jobs

app = Chalice(app_name="leansplit")
app.register_blueprint(jobs)


@app.route("/e/assign")
def assign() -> dict[str, bool]:
    print("assign")
    return {"placeholder": True}
