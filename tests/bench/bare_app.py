"""The baseline of the booking API: bare FastAPI and pymongo, as many equally durable writes."""

import os
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from pymongo import MongoClient, UpdateOne, WriteConcern

from shared.kernel.ids import new_id


class Item(BaseModel):
    material: str
    estimated_mass_g: int | None = None
    pieces: int | None = None
    condition: str | None = None


class Booking(BaseModel):
    household_id: str
    slot_id: str
    items: list[Item]


def build(uri: str) -> FastAPI:
    """Return an app with one handler: three majority and journalled writes, no rules at all."""
    db = MongoClient[dict[str, Any]](uri).get_database(
        "bare", write_concern=WriteConcern(w="majority", j=True)
    )
    app = FastAPI()

    @app.post("/v1/pickups", status_code=201)
    def book(body: Booking) -> dict[str, Any]:
        pickup_id = new_id()
        taken = {"$push": {"holds": {"hold_id": pickup_id}}}
        pools = (body.slot_id, body.household_id)
        db["slots"].bulk_write(
            [UpdateOne({"_id": each}, taken, upsert=True) for each in pools], ordered=False
        )
        document = {"_id": pickup_id, **body.model_dump()}
        db["pickups"].insert_one(document)
        return {"pickup_id": pickup_id, **body.model_dump()}

    return app


if __name__ == "__main__":
    uvicorn.run(
        build(os.environ["BARE_MONGODB"]),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="h11",
        access_log=False,
        log_level="warning",
    )
