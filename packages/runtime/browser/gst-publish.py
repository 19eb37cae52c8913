"""A WHIP client of GStreamer's webrtcbin: a test picture and a tone, until standard input closes.

Debian 12 has no whipsink, so this speaks the protocol itself, with the SDP that webrtcbin writes. Prints one JSON line
with what the server answered, and `{"state": …}` for every state of the connection. A third argument is the only way
that media may go: `turn://user:password@host:port?transport=tcp`, percent-encoded.
"""

import json
import os
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

endpoint, bearer, *relay = sys.argv[1:]

PIPELINE = """
webrtcbin name=peer bundle-policy=max-bundle
videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1
  ! videoconvert ! vp8enc deadline=1 keyframe-max-dist=1000 ! rtpvp8pay ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer.
audiotestsrc is-live=true wave=sine ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2
  ! opusenc ! rtpopuspay ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer.
"""


def say(**fields):
    print(json.dumps(fields), flush=True)


def ask(method, url, body=None, **headers):
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("Authorization", "Bearer " + bearer)
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    try:
        return urllib.request.urlopen(request, timeout=20)
    except urllib.error.HTTPError as error:
        return error


class Publisher:
    def __init__(self):
        self.loop = GLib.MainLoop()
        self.resource = None
        self.sent = False
        self.pipeline = Gst.parse_launch(PIPELINE)
        self.peer = self.pipeline.get_by_name("peer")
        if relay:
            self.peer.set_property("ice-transport-policy", GstWebRTC.WebRTCICETransportPolicy.RELAY)
            self.peer.set_property("turn-server", relay[0])
        # Left to itself, libnice looks at every interface but loopback. webrtcbin (1.22) gives out its agent without a
        # reference of its own, so this one is never let go.
        self.agent = self.peer.get_property("ice-agent")
        self.agent.emit("add-local-ip-address", "127.0.0.1")
        self.peer.connect("on-negotiation-needed", self.negotiate)
        self.peer.connect("notify::ice-gathering-state", self.gathered)
        self.peer.connect("notify::connection-state", self.changed)
        for index in range(2):
            transceiver = self.peer.emit("get-transceiver", index)
            transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)

    def negotiate(self, peer):
        peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered, None))

    def offered(self, promise, _):
        reply = promise.get_reply()  # owns the offer, so it must live as long
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())

    def gathered(self, peer, _):
        done = peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if done and not self.sent:
            self.sent = True
            threading.Thread(target=self.publish, daemon=True).start()

    def publish(self):
        offer = self.peer.get_property("local-description").sdp.as_text()
        answer = ask("POST", endpoint, offer.encode(), Content_Type="application/sdp")
        text = answer.read().decode()
        if answer.status != 201:
            say(status=answer.status, body=text)
            return
        self.resource = urllib.parse.urljoin(endpoint, answer.headers["Location"])
        kinds = sorted({line.split(" typ ")[1].split()[0] for line in offer.split("\r\n") if " typ " in line})
        say(status=201, resource=self.resource, etag=answer.headers["ETag"], candidates=kinds)
        _, message = GstSdp.SDPMessage.new_from_text(text)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())

    def changed(self, peer, _):
        say(state=peer.get_property("connection-state").value_nick)

    def wait_for_end(self):
        sys.stdin.read()
        if self.resource is not None:
            say(deleted=ask("DELETE", self.resource).status)
        self.loop.quit()

    def run(self):
        threading.Thread(target=self.wait_for_end, daemon=True).start()
        self.pipeline.set_state(Gst.State.PLAYING)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        os._exit(0)


Gst.init(None)
Publisher().run()
