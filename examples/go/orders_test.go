// go test      (with the mock at MOCKSERVER_URL)
package orders

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"testing"
)

func address() string {
	if given := os.Getenv("MOCKSERVER_URL"); given != "" {
		return given
	}
	return "http://127.0.0.1:8080"
}

// command gives a command to the mock itself: worlds, clocks, faults.
func command(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	request, err := Request(method, address()+"/_mock"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if token := os.Getenv("MOCKSERVER_CONTROL_TOKEN"); token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := Read(response, answer); err != nil {
		t.Fatal(err)
	}
}

// world makes a world of its own for the test, and a client that is logged in to it.
func world(t *testing.T) *API {
	t.Helper()
	content, err := os.ReadFile("../first-order.json")
	if err != nil {
		t.Fatal(err)
	}
	var made struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	command(t, "POST", "/worlds", json.RawMessage(content), &made)
	t.Cleanup(func() { command(t, "DELETE", "/worlds/"+made.ClientID, nil, nil) })
	api := &API{URL: address(), ClientID: made.ClientID, ClientSecret: made.ClientSecret}
	if err := api.LogIn("accounts:read", "orders:read", "orders:admin", "webhooks:admin"); err != nil {
		t.Fatal(err)
	}
	return api
}

type order struct {
	ID         string
	Status     string
	Executions []struct {
		ShareQuantity json.Number `json:"share_quantity"`
	}
}

func TestAnOrderIsFilledOnceTimePasses(t *testing.T) {
	t.Parallel()
	api := world(t)
	var accounts struct {
		Data []struct {
			ID    string
			Users []struct{ ID string }
		}
	}
	if err := api.Send("GET", "/accounts", nil, &accounts); err != nil {
		t.Fatal(err)
	}
	account := accounts.Data[0]
	body := map[string]any{
		"user_id":            account.Users[0].ID,
		"account_id":         account.ID,
		"side":               "BUY",
		"cash_amount":        "100.00",
		"currency":           "EUR",
		"instrument_id":      "IE00B4L5Y983",
		"instrument_id_type": "ISIN",
		"order_type":         "MARKET",
	}
	var placed, filled order
	if err := api.Send("POST", "/orders", body, &placed); err != nil {
		t.Fatal(err)
	}
	if placed.Status != "NEW" {
		t.Fatalf("it is %s, not NEW", placed.Status)
	}
	command(t, "POST", "/worlds/"+api.ClientID+"/clock/advance", map[string]string{"until": "idle"}, nil)
	if err := api.Send("GET", "/orders/"+placed.ID, nil, &filled); err != nil {
		t.Fatal(err)
	}
	if filled.Status != "FILLED" {
		t.Fatalf("it is %s, not FILLED", filled.Status)
	}
	if quantity, _ := filled.Executions[0].ShareQuantity.Float64(); quantity != 1.25 { // 100 EUR at 80
		t.Fatalf("%v were bought, not 1.25", quantity)
	}
}

func TestAWebhookIsSubscribedAndRemoved(t *testing.T) {
	t.Parallel()
	api := world(t)
	var webhook struct{ ID string }
	body := map[string]any{"title": "Mine", "url": "http://127.0.0.1:9/none", "type": []string{"ORDER"}}
	if err := api.Send("POST", "/webhooks", body, &webhook); err != nil {
		t.Fatal(err)
	}
	if err := api.Send("DELETE", "/webhooks/"+webhook.ID, nil, nil); err != nil {
		t.Fatal(err)
	}
	var problem Problem
	if err := api.Send("GET", "/webhooks/"+webhook.ID, nil, nil); !errors.As(err, &problem) || problem.Status != 404 {
		t.Fatalf("expected 404, got %v", err)
	}
}
