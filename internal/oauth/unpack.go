package oauth

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"errors"
	"io"
)

// unpackedLimit bounds what a compressed answer may unpack to, in bytes: a few kilobytes
// of zeros must not fill our memory.
const unpackedLimit = 1 << 20

// unpack undoes a compression that a proxy applied without being asked. It tells
// compressions by how they begin, which no JSON does; packing is "" when there is none.
func unpack(body []byte) (plain []byte, packing string, err error) {
	var r io.ReadCloser
	switch {
	case len(body) > 2 && body[0] == 0x1f && body[1] == 0x8b: // RFC 1952 section 2.3.1
		packing = "gzip"
		r, err = gzip.NewReader(bytes.NewReader(body))
	case len(body) > 2 && body[0] == 0x78 && (int(body[0])<<8|int(body[1]))%31 == 0: // RFC 1950 section 2.2
		packing = "deflate"
		r, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return body, "", nil
	}
	if err != nil {
		return nil, packing, err
	}
	plain, err = readAll(r)
	return plain, packing, err
}

// inflate undoes the compression that some call deflate and send without the header of RFC 1950: RFC 1951 alone,
// which nothing tells from other bytes but that it can be undone.
func inflate(body []byte) ([]byte, bool) {
	plain, err := readAll(flate.NewReader(bytes.NewReader(body)))
	return plain, err == nil && json.Valid(plain)
}

func readAll(r io.ReadCloser) ([]byte, error) {
	defer r.Close()
	plain, err := io.ReadAll(io.LimitReader(r, unpackedLimit+1))
	if err == nil && len(plain) > unpackedLimit {
		err = errors.New("too long")
	}
	return plain, err
}
