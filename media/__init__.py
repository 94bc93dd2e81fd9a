"""Media: ICE servers, and everything that speaks WebRTC itself. Only here may aiortc be imported."""
