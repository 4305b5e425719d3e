"""Which version this is. The build writes this file anew."""

VERSION = "0.0.0"
