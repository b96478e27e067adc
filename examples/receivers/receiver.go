// go run receiver.go      (MOCKSERVER_URL, UPVEST_CLIENT_ID)
//
// A receiver of webhooks that verifies every delivery, signed by version 6 or 15: 200, or 401 and the reason.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	inputForm     = regexp.MustCompile(`^sig1=(\(("[^)]*")\);.*)$`)
	signatureForm = regexp.MustCompile(`^sig1=:([A-Za-z0-9+/=]+):$`)
	nameForm      = regexp.MustCompile(`"([^"]+)"`)
	keyForm       = regexp.MustCompile(`;keyid="([^"]+)"`)
	expiresForm   = regexp.MustCompile(`;expires=(\d+)`)
)

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// publishedKey is a key that deliveries are signed with. They rotate: fetch them again for an id that is not among them.
func publishedKey(kid string) (*ecdsa.PublicKey, error) {
	request, err := http.NewRequest("GET", setting("MOCKSERVER_URL", "http://127.0.0.1:8080")+"/auth/verify_keys", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Upvest-Client-Id", os.Getenv("UPVEST_CLIENT_ID"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var published struct {
		Keys []struct{ Kid, X, Y string }
	}
	if err := json.NewDecoder(response.Body).Decode(&published); err != nil {
		return nil, err
	}
	for _, key := range published.Keys {
		if key.Kid == kid {
			x, _ := base64.RawURLEncoding.DecodeString(key.X)
			y, _ := base64.RawURLEncoding.DecodeString(key.Y)
			return &ecdsa.PublicKey{Curve: elliptic.P521(), X: new(big.Int).SetBytes(x), Y: new(big.Int).SetBytes(y)}, nil
		}
	}
	return nil, errors.New("its key is not published")
}

// check says why a delivery is not genuine. The body is the bytes that came, not JSON that was written again.
func check(request *http.Request, body []byte) error {
	given := inputForm.FindStringSubmatch(request.Header.Get("Signature-Input"))
	made := signatureForm.FindStringSubmatch(request.Header.Get("Signature"))
	if given == nil || made == nil {
		return errors.New("it is not signed")
	}
	params := given[1]
	quote, name, digest := "", "digest", sha256Digest(body) // version 6 writes the names without quotes
	if request.Header.Get("Upvest-Signature-Version") == "15" {
		quote, name, digest = `"`, "content-digest", sha512Digest(body)
	}
	path, query, hasQuery := strings.Cut(request.RequestURI, "?")
	var names []string
	var base strings.Builder
	for _, found := range nameForm.FindAllStringSubmatch(given[2], -1) {
		component := found[1]
		value := request.Header.Get(component)
		switch component {
		case "@method":
			value = request.Method
		case "@path":
			value = path
		case "@query":
			if hasQuery {
				value = "?" + query
			}
		case "content-length": // net/http keeps it out of the headers in some versions
			value = strconv.FormatInt(request.ContentLength, 10)
		}
		names = append(names, component)
		fmt.Fprintf(&base, "%s%s%s: %s\n", quote, component, quote, value)
	}
	fmt.Fprintf(&base, "%s@signature-params%s: %s", quote, quote, params)

	if !slices.Contains(names, name) || request.Header.Get(name) != digest {
		return fmt.Errorf("%s is not that of the body", name)
	}
	if expires := expiresForm.FindStringSubmatch(params); expires != nil {
		if seconds, _ := strconv.ParseInt(expires[1], 10, 64); seconds < time.Now().Unix()-60 {
			return errors.New("it is expired")
		}
	}
	kid := keyForm.FindStringSubmatch(params)
	if kid == nil {
		return errors.New("it names no key")
	}
	key, err := publishedKey(kid[1])
	if err != nil {
		return err
	}
	signature, _ := base64.StdEncoding.DecodeString(made[1])
	hashed := sha512.Sum512([]byte(base.String()))
	if !ecdsa.VerifyASN1(key, hashed[:], signature) {
		return errors.New("the signature does not fit")
	}
	return nil
}

func sha256Digest(body []byte) string {
	hashed := sha256.Sum256(body)
	return "SHA-256=" + base64.StdEncoding.EncodeToString(hashed[:])
}

func sha512Digest(body []byte) string {
	hashed := sha512.Sum512(body)
	return "sha-512=:" + base64.StdEncoding.EncodeToString(hashed[:]) + ":"
}

func receive(response http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err == nil {
		err = check(request, body)
	}
	if err != nil {
		http.Error(response, err.Error(), http.StatusUnauthorized)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+setting("PORT", "0"))
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on %d\n", listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, http.HandlerFunc(receive)))
}
