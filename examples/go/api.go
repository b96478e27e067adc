// Package orders has your client of the Investment API, on net/http. It knows nothing of a mock: only its URL differs in
// tests.
package orders

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// API sends requests with a token and idempotency keys.
type API struct {
	URL          string
	ClientID     string
	ClientSecret string
	token        string
}

// LogIn gets a token for the scopes.
func (api *API) LogIn(scopes ...string) error {
	form := url.Values{
		"client_id":     {api.ClientID},
		"client_secret": {api.ClientSecret},
		"grant_type":    {"client_credentials"},
		"scope":         {strings.Join(scopes, " ")},
	}
	response, err := http.PostForm(api.URL+"/auth/token", form)
	if err != nil {
		return err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	err = Read(response, &answer)
	api.token = answer.AccessToken
	return err
}

// Send sends a request, with body as JSON unless it is nil, and reads the answer into answer unless that is nil.
func (api *API) Send(method, path string, body, answer any) error {
	request, err := Request(method, api.URL+path, body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+api.token)
	request.Header.Set("Upvest-Client-Id", api.ClientID)
	if method == http.MethodPost {
		request.Header.Set("Idempotency-Key", randomUUID())
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return Read(response, answer)
}

// Request makes a request with a body of JSON, or with none.
func Request(method, address string, body any) (*http.Request, error) {
	if body == nil {
		return http.NewRequest(method, address, nil)
	}
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(method, address, bytes.NewReader(content))
	if err == nil {
		request.Header.Set("Content-Type", "application/json") // net/http sets none by itself
	}
	return request, err
}

// Problem is what the API answers to a request that it refuses.
type Problem struct {
	Status int
	Title  string
	Detail string
}

func (problem Problem) Error() string {
	return fmt.Sprintf("%d %s: %s", problem.Status, problem.Title, problem.Detail)
}

// Read reads the JSON of a response into answer, unless that is nil; a refusal is a Problem.
func Read(response *http.Response, answer any) error {
	defer response.Body.Close()
	if response.StatusCode >= 400 {
		problem := Problem{}
		if err := json.NewDecoder(response.Body).Decode(&problem); err != nil {
			return fmt.Errorf("%s: %w", response.Status, err)
		}
		return problem
	}
	if answer == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(answer)
}

func randomUUID() string {
	bits := make([]byte, 16)
	_, _ = rand.Read(bits)
	bits[6], bits[8] = bits[6]&0x0f|0x40, bits[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bits[:4], bits[4:6], bits[6:8], bits[8:10], bits[10:])
}
