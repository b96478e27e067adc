// Go's net/http: go run main.go URL
package main

import (
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
)

func main() {
	client := os.Args[1] + "/" + url.PathEscape("net/http, "+runtime.Version())
	send := func(answer *http.Response, err error) {
		if err != nil {
			panic(err)
		}
		answer.Body.Close()
	}
	request := func(method, kind string) {
		made, err := http.NewRequest(method, client+"/"+kind, nil)
		if err != nil {
			panic(err)
		}
		send(http.DefaultClient.Do(made))
	}
	send(http.PostForm(client+"/form", url.Values{"scope": {"users:read"}}))
	send(http.Get(client + "/read"))
	send(http.Post(client+"/write", "application/json", strings.NewReader(`{"title": "Mine"}`)))
	request("POST", "post")
	request("DELETE", "delete")
	bare, err := http.NewRequest("POST", client+"/write-untyped", strings.NewReader(`{"title": "Mine"}`))
	if err != nil {
		panic(err)
	}
	send(http.DefaultClient.Do(bare))
}
