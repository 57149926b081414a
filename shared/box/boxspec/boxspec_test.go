package boxspec

import "testing"

func TestLoad(t *testing.T) {
	Load(t)
}
