"""Media: ICE servers, and everything that speaks WebRTC itself. Only here is aiortc imported."""
